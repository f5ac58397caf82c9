256 SHA256:plQUYY1e/eQjDBdsnyIN53eddWbVXJI7vFAptF9ThRI test@example (ECDSA-CERT)
256 MD5:dd:74:3c:cd:8e:a5:4a:aa:aa:0c:0c:eb:67:4c:51:80 test@example (ECDSA-CERT)
