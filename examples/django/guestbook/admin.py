# What the admin site shows of the guestbook.
from django.contrib import admin

from guestbook.models import Entry


@admin.register(Entry)
class EntryAdmin(admin.ModelAdmin):
    list_display = ["name", "text", "written"]
    search_fields = ["name", "text"]
