"""How the defects of this area follow threads."""

import threading


def take_note_of_threads(impl):
    original = impl.ThreadingMixIn.process_request_thread

    def process_request_thread(self, request, client_address):
        vars(self).setdefault("at_work", []).append(threading.current_thread())
        original(self, request, client_address)

    impl.ThreadingMixIn.process_request_thread = process_request_thread


def join_all(server):
    for thread in getattr(server, "at_work", []):
        if thread is not threading.current_thread():
            thread.join()
