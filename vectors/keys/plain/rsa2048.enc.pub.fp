2048 SHA256:NkURbkA1elNkA/RF0QYijxwqjZC2raSnZ635iPeCF88 test@example (RSA)
2048 MD5:7a:26:48:bc:20:f5:b1:26:50:ae:9d:0c:f0:b5:5a:9f test@example (RSA)
