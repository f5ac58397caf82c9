3072 SHA256:HUhdP6jJe9LEl/vBapDEEcdBpj6tI6IRoXStf9++QKQ test@example (RSA)
3072 MD5:7f:4b:a4:de:5b:fc:5d:42:a4:91:d0:85:80:89:a5:7a test@example (RSA)
