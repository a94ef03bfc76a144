import http.server
import ssl
import subprocess
import threading

import pytest

from collectors import http_json
from collectors._errors import Failure
from tests.collectors.conftest import a_source, one


class Says(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for `localhost` that only whoever is told so trusts."""
    folder = tmp_path_factory.mktemp("tls")
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("no openssl to make a certificate with")
    return folder


@pytest.fixture
def secure(certificate):
    def serve(**how):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
        if "maximum" in how:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.maximum_version = how["maximum"]
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Says)
        server.handle_error = lambda *args: None
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return server.server_address[1]

    servers = []
    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_it_trusts_the_authority_it_was_told_to(secure, certificate, want):
    source = a_source("http_json", {"url": f"https://localhost:{secure()}/", "ca": str(certificate / "cert.pem")})
    assert one(http_json.fetch(source, want())).rows == []


@pytest.mark.parametrize("why", ["self-signed", "wrong host", "old protocol"])
def test_it_refuses_a_connection_that_cannot_be_trusted__F44(secure, certificate, want, why):
    settings = {"ca": str(certificate / "cert.pem")} if why != "self-signed" else {}
    host = "127.0.0.1" if why == "wrong host" else "localhost"
    port = secure(maximum=ssl.TLSVersion.TLSv1_1) if why == "old protocol" else secure()
    with pytest.raises(Failure) as caught:
        list(http_json.fetch(a_source("http_json", {"url": f"https://{host}:{port}/", **settings}), want()))
    assert caught.value.kind == "tls"


@pytest.mark.parametrize("key", ["verify", "insecure", "verify_ssl"])
def test_there_is_no_way_to_switch_that_off__F44(want, key):
    with pytest.raises(Failure) as caught:
        list(http_json.fetch(a_source("http_json", {"url": "https://localhost/", key: False}), want()))
    assert caught.value.kind == "settings"
