"""A CA of the demo's own, and a certificate of it for 127.0.0.1."""

import subprocess
from pathlib import Path


class Certificates:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca = self.folder / "ca.pem"
        self.certificate = self.folder / "server.pem"
        self.key = self.folder / "server.key"
        ca_key = self.folder / "ca.key"
        request, names = self.folder / "server.csr", self.folder / "names"
        names.write_text("subjectAltName = IP:127.0.0.1, DNS:localhost\n")
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2,
                      "-subj", "/CN=demo CA", "-keyout", ca_key, "-out", self.ca)
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-subj", "/CN=tabletd demo", "-keyout", self.key, "-out", request)
        self._openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", ca_key, "-CAcreateserial", "-days", 2,
                      "-extfile", names, "-out", self.certificate)

    def settings(self, mode):
        """Of a daemon."""
        return {"tls": mode, "tls_certificate_file": self.certificate, "tls_key_file": self.key,
                "tls_ca_file": self.ca}

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
