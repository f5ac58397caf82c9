521 SHA256:skPvhltonv+F3fJc8HE82VeR/5t0cfVjN131btFEEXU test@example (ECDSA-CERT)
521 MD5:a8:3d:42:18:31:e5:86:af:45:4e:e6:7f:ad:00:b1:ca test@example (ECDSA-CERT)
