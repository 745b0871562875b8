"""What must be true of a module with socketserver's interface: one package an area.

The host, on any Python from 3.6, passes through this file on its way to an area's behaviours.
"""
