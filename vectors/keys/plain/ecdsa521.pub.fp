521 SHA256:3Wbc0gvT+8bLkVG4iA/9Ax+lXDSIFjCn6oVFcrZmSzI test@example (ECDSA)
521 MD5:89:e7:c1:57:a7:0a:56:e4:cb:77:c6:71:99:1d:22:72 test@example (ECDSA)
