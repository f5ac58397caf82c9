256 SHA256:RiucX/PDOM9Gb3CS7pTnF3iN9A9ZaosltwFqXgSQ2rw test@example (ED25519)
256 MD5:e8:52:35:68:a7:4f:c8:8b:69:df:73:b5:83:3f:67:67 test@example (ED25519)
