"""A single sign-on provider on this machine's loopback, as the tests need one; it signs in whoever it is told to."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt

CLIENT_ID, CLIENT_SECRET = "opencocm", "the-provider's-secret"


class Provider:
    """`claims` are what it says of the person who signs in; `issuer` is its address."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.token_requests: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def settings(self) -> dict[str, Any]:
        """What SOCIALACCOUNT_PROVIDERS is with this provider, as `cocm.server.settings` makes it."""
        app = {
            "provider_id": "sso",
            "name": "Clinic account",
            "client_id": CLIENT_ID,
            "secret": CLIENT_SECRET,
            "settings": {"server_url": self.issuer, "oauth_pkce_enabled": True},
        }
        return {"openid_connect": {"APPS": [app]}}

    def answer(self, path: str) -> dict[str, Any]:
        if path.endswith("openid-configuration"):
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        if path.startswith("/token"):
            now = int(time.time())
            told = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60} | self.claims
            token = jwt.encode(told, "k" * 32, algorithm="HS256")
            return {"access_token": "access", "token_type": "Bearer", "id_token": token}
        return self.claims

    def _handler(provider) -> type[BaseHTTPRequestHandler]:  # the handler's own methods have a self
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._tell()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.token_requests.append(body)
                self._tell()

            def _tell(self) -> None:
                body = json.dumps(provider.answer(self.path)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing to tell."""

        return Handler
