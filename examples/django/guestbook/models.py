# The guestbook's one table.
from django.db import models


class Entry(models.Model):
    """One line that a visitor left."""

    name = models.CharField(max_length=60)
    text = models.CharField(max_length=280)
    written = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-written", "-id"]
        verbose_name_plural = "entries"

    def __str__(self):
        return f"{self.name}: {self.text}"
