"""Hands mails to a real SMTP server that behaves well, badly, or ends the sender at the worst moment.

`run.py PATH-OF-HOURBANK`, with the packages of requirements.txt at hand. The server gets an empty folder and free ports,
on loopback only, and is ended by its id. It takes about two minutes, since a mail that failed is tried a minute later.
"""

import email
import email.policy
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Sink:
    """Takes mails in, or not, as its mode says."""

    def __init__(self):
        self.mode = "accept"
        self.mails = []
        self.server = None

    async def handle_DATA(self, _server, _session, envelope):
        if self.mode == "never":
            return "550 5.1.1 nobody of that name"
        if self.mode == "later":
            return "451 4.3.0 come back"
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        if self.mode == "kill":
            self.mode = "accept"
            # The mail is taken, and the sender will never know.
            self.server.process.kill()
            self.server.process.wait()
        return "250 OK"

    def to(self, address):
        """The links for a new password that came to an address."""
        text = lambda mail: mail.get_body(("plain",)).get_content()
        return [mail for mail in self.mails if mail["To"] == address and "#hbi_" in text(mail)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait(seconds, what, look):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {seconds} s")


class Server:
    """A server of ours."""

    def __init__(self, binary, folder):
        self.binary, self.folder, self.process = binary, folder, None
        self.port = free_port()

    def start(self, command, *settings):
        log = open(os.path.join(self.folder, "server.log"), "ab")
        listen = f"127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [self.binary, *command, "--listen", listen, *settings], cwd=self.folder, stdout=log, stderr=log
        )
        wait(60, "the server is ready", self.is_ready)

    def is_ready(self):
        assert self.process.poll() is None, "the server has ended"
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=1).status == 200
        except OSError:
            return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def ask(self, document, variables=None, token=None):
        headers = {"content-type": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        body = json.dumps({"query": document, "variables": variables or {}}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/graphql", body, headers)
        answer = json.load(urllib.request.urlopen(request, timeout=10))
        assert "errors" not in answer, answer
        return answer["data"]


RESET = "mutation($email: String!) { passwordResetRequest(input: {email: $email}) { errors { code } } }"
MAILS = "query($status: MailStatus) { mails(status: $status, first: 100) { nodes { id recipient attempts lastError } } }"
RETRY = "mutation($id: ID!) { mailRetry(id: $id) { mail { status } errors { code } } }"
TOLD = "{ notifications { nodes { kind subjectId } } }"


def main(binary, folder):
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    server = sink.server = Server(binary, folder)
    at = f"127.0.0.1:{controller.port}"
    try:
        server.start(["demo", "--still", "--tokens", "tokens.json"], "--smtp", f"smtp://{at}?tls=none")
        with open(os.path.join(folder, "tokens.json"), encoding="utf-8") as file:
            people = json.load(file)
        admin = people["ADMINISTRATOR"]["token"]
        address = {role: one["email"] for role, one in people.items() if "email" in one}

        def waiting(status, role):
            nodes = server.ask(MAILS, {"status": status}, admin)["mails"]["nodes"]
            return next((mail for mail in nodes if mail["recipient"] == address[role]), None)

        def tried(role):
            """A mail that waits after an attempt."""
            mail = waiting("WAITING", role)
            return mail if mail and mail["lastError"] else None

        # A mail arrives whole, at once.
        server.ask(RESET, {"email": address["PROJECT_MANAGER"]})
        mail = wait(10, "a mail", lambda: sink.to(address["PROJECT_MANAGER"]))[0]
        assert re.fullmatch(r"<[0-9a-f-]{36}@localhost>", mail["Message-ID"]), mail["Message-ID"]
        assert mail["From"] == "Hourbank <hourbank@localhost>" and mail["Auto-Submitted"] == "auto-generated"
        assert "здравствуйте" in mail.get_content(), mail.get_content()

        # One that is refused for good is left to a person at once, who is told and has it sent again.
        sink.mode = "never"
        server.ask(RESET, {"email": address["SALES"]})
        failed = wait(10, "a mail given up", lambda: waiting("FAILED", "SALES"))
        assert failed["attempts"] == 10 and "550" in failed["lastError"], failed
        told = server.ask(TOLD, token=admin)["notifications"]["nodes"]
        told = [one for one in told if one["kind"] == "MAIL_FAILED"]
        assert {"kind": "MAIL_FAILED", "subjectId": failed["id"]} in told, told
        # What the administrator is told by mail is refused as well, and not told of again.
        wait(10, "the mail about it", lambda: waiting("FAILED", "ADMINISTRATOR"))
        assert len(told) == 1, told
        sink.mode = "accept"
        server.ask(RETRY, {"id": failed["id"]}, admin)
        wait(10, "the mail sent again", lambda: sink.to(address["SALES"]))

        # One that is put off waits a minute.
        sink.mode = "later"
        server.ask(RESET, {"email": address["SPECIALIST"]})
        put_off = wait(10, "a mail put off", lambda: tried("SPECIALIST"))
        assert put_off["attempts"] == 1 and "451" in put_off["lastError"], put_off

        # T66: where the sender ends between handing over and noting it, the same mail comes twice, under one name.
        sink.mode = "kill"
        server.ask(RESET, {"email": address["QUALITY_MANAGER"]})
        wait(10, "the end of the server", lambda: server.process.poll() is not None)
        database = ["--database", "sqlite://hourbank-demo.db"]
        server.start(["serve", *database], "--smtp", f"smtp://{at}?tls=none")
        twice = wait(100, "the mail again", lambda: len(sink.to(address["QUALITY_MANAGER"])) == 2 and sink.to(address["QUALITY_MANAGER"]))
        assert twice[0]["Message-ID"] == twice[1]["Message-ID"]
        wait(60, "the mail that was put off", lambda: sink.to(address["SPECIALIST"]))
        names = [mail["Message-ID"] for mail in sink.mails]
        assert len(names) == len(set(names)) + 1, names
        server.stop()

        # Nothing is said in the clear where encryption was asked for.
        before = len(sink.mails)
        server.start(["serve", *database], "--smtp", f"smtp://{at}")
        server.ask(RESET, {"email": address["ACCOUNT_MANAGER"]})
        wait(10, "a refused connection", lambda: tried("ACCOUNT_MANAGER"))
        assert len(sink.mails) == before
        server.stop()

        # A server that wants to know who sends.
        keys = {b"hours": b"a secret"}
        knows = lambda _s, _c, _e, _m, data: AuthResult(success=keys.get(data.login) == data.password)
        strict = Controller(
            sink, hostname="127.0.0.1", port=free_port(), authenticator=knows, auth_required=True, auth_require_tls=False
        )
        strict.start()
        try:
            with open(os.path.join(folder, "password"), "w", encoding="utf-8") as file:
                file.write("a secret\n")
            place = f"smtp://hours@127.0.0.1:{strict.port}?tls=none"
            server.start(["serve", *database], "--smtp", place, "--smtp-password-file", "password")
            server.ask(RESET, {"email": address["CLIENT_OWNER"]})
            wait(10, "a mail of one who is known", lambda: sink.to(address["CLIENT_OWNER"]))
        finally:
            strict.stop()
    except BaseException:
        with open(os.path.join(folder, "server.log"), encoding="utf-8", errors="replace") as log:
            print("-- the server's last words", *log.readlines()[-20:], sep="\n", file=sys.stderr)
        raise
    finally:
        server.stop()
        controller.stop()
    print(f"{len(sink.mails)} mails taken, each as it should be")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(os.path.realpath(sys.argv[1]), scratch)
