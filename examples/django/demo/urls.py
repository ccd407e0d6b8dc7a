"""Every path of the example but /static/, which never reaches Django."""
from django.contrib import admin
from django.urls import path

from guestbook import views

urlpatterns = [
    path("", views.index, name="index"),
    path("slow/", views.slow, name="slow"),
    path("stream/", views.stream, name="stream"),
    path("upload/", views.upload, name="upload"),
    path("healthz", views.healthz, name="healthz"),
    path("admin/", admin.site.urls),
]
