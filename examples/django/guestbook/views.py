"""A page with a form, a slow answer, a stream, an upload: what a front has to cope with."""
import hashlib
import time

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from guestbook.forms import EntryForm, UploadForm
from guestbook.models import Entry

SLOWEST_SECONDS = 20
STREAM_LINES = 10
STREAM_LINES_MOST = 1000


def number(request, name, default, most):
    try:
        return max(0.0, min(float(request.GET.get(name, default)), most))
    except ValueError:
        return default


@require_http_methods(["GET", "HEAD", "POST"])
def index(request):
    form = EntryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("index")
    entries = Entry.objects.all()[:20]
    return render(request, "guestbook/index.html", {"form": form, "entries": entries})


@require_GET
def slow(request):
    seconds = number(request, "seconds", 2.0, SLOWEST_SECONDS)
    time.sleep(seconds)
    return HttpResponse(f"answered after {seconds:g} s\n", content_type="text/plain")


@require_GET
def stream(request):
    lines = int(number(request, "lines", STREAM_LINES, STREAM_LINES_MOST))
    pause = number(request, "pause", 0.3, 5)

    def produce():
        for line in range(1, lines + 1):
            yield f"line {line} of {lines}\n"
            if line < lines:
                time.sleep(pause)

    return StreamingHttpResponse(produce(), content_type="text/plain")


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request):
    form = UploadForm(request.POST or None, request.FILES or None)
    received = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        received = {"name": file.name, "size": file.size, "sha256": digest.hexdigest()}
    return render(request, "guestbook/upload.html", {"form": form, "received": received})


def healthz(request):
    """Asked by Weir's health checks; touches the database, since nothing works without it."""
    Entry.objects.exists()
    return HttpResponse("ok\n", content_type="text/plain")
