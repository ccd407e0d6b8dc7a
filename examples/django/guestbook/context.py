"""Which process answers: to see with one's own eyes that the load is spread."""
import os


def served_by(request):
    return {"served_by": {"node": os.environ.get("WEIR_NODE", "this machine"), "pid": os.getpid()}}
