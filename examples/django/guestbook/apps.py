"""The guestbook application; puts every new SQLite connection into WAL mode."""
from django.apps import AppConfig
from django.db.backends.signals import connection_created


def use_wal(connection, **_):
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=NORMAL")


class GuestbookConfig(AppConfig):
    name = "guestbook"

    def ready(self):
        connection_created.connect(use_wal)
