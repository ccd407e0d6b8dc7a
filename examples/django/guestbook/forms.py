# The two forms of the site.
from django import forms

from guestbook.models import Entry


class EntryForm(forms.ModelForm):
    class Meta:
        model = Entry
        fields = ["name", "text"]
        widgets = {
            "name": forms.TextInput(attrs={"placeholder": "Your name"}),
            "text": forms.TextInput(attrs={"placeholder": "A line for the guestbook"}),
        }


class UploadForm(forms.Form):
    file = forms.FileField()
