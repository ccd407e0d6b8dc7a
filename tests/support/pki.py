"""Certificate authorities for tests, by the openssl command: they issue, take back, and say so in a list."""
import subprocess

CONFIG = """[ca]
default_ca = this
[this]
dir = {folder}
database = $dir/index.txt
serial = $dir/serial
crlnumber = $dir/crlnumber
new_certs_dir = $dir
certificate = $dir/ca.pem
private_key = $dir/ca.key
default_md = sha256
policy = any
default_crl_days = 1
unique_subject = no
[any]
organizationName = optional
commonName = supplied
[client]
basicConstraints = CA:FALSE
extendedKeyUsage = clientAuth
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
"""
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(*argv):
    subprocess.run(["openssl", *map(str, argv)], check=True, capture_output=True, timeout=30)


class Authority:
    """In a folder of its own; `ca.pem` is its certificate."""

    def __init__(self, folder, name="Test Clients"):
        self.folder = folder / name.replace(" ", "-").lower()
        self.folder.mkdir()
        (self.folder / "openssl.cnf").write_text(CONFIG.format(folder=self.folder))
        (self.folder / "index.txt").write_text("")
        for counter in ("serial", "crlnumber"):
            (self.folder / counter).write_text("01\n")
        self.ca = self.folder / "ca.pem"
        openssl("req", "-x509", *KEY, "-keyout", self.folder / "ca.key", "-out", self.ca, "-subj", f"/CN={name}", "-days", "30",
                "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, name, kind="client", *args):
        """A certificate and its key, as paths; `args` go to `openssl ca`."""
        made = self.folder / f"{name}.pem"
        openssl("req", "-new", *KEY, "-keyout", self.folder / f"{name}.key", "-out", self.folder / f"{name}.csr",
                "-subj", f"/O=Partner/CN={name}")
        openssl("ca", "-batch", "-notext", "-config", self.folder / "openssl.cnf", "-extensions", kind, "-days", "10",
                "-in", self.folder / f"{name}.csr", "-out", made, *args)
        return made, self.folder / f"{name}.key"

    def revoke(self, name):
        openssl("ca", "-config", self.folder / "openssl.cnf", "-revoke", self.folder / f"{name}.pem")

    def list(self):
        """The list as it stands, as a path."""
        made = self.folder / "crl.pem"
        openssl("ca", "-config", self.folder / "openssl.cnf", "-gencrl", "-out", made)
        return made
