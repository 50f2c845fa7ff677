"""The sandbox's desks as sections of a daemon's configuration, whose secrets lie in files of its directory."""
import os


def write(path, text, mode=0o600):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as out:
        out.write(text)


def freshdesk(directory, about):
    """[freshdesk.main]"""
    write(f"{directory}/freshdesk-key", about["freshdesk_key"] + "\n")
    return f"""[freshdesk.main]
base_url = "{about['freshdesk']}"
api_key = {{ file = "{directory}/freshdesk-key" }}
"""


def zendesk(directory, about, name="main", more=""):
    """[zendesk.NAME], `more` at its end."""
    write(f"{directory}/zendesk-token", about["zendesk_token"] + "\n")
    return f"""[zendesk.{name}]
base_url = "{about['zendesk']}"
email = "{about['zendesk_mail']}"
api_token = {{ file = "{directory}/zendesk-token" }}
{more}"""
