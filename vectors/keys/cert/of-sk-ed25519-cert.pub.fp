256 SHA256:iD0y8nc65FPPF8cjzx8fR/HxmtGUz7hkvAD20T5dUyY test@example (ED25519-SK-CERT)
256 MD5:c8:ae:8b:d3:7d:c3:d4:8f:b6:85:8a:11:80:28:8b:f3 test@example (ED25519-SK-CERT)
