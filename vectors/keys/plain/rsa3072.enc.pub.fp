3072 SHA256:nqI9r2VxZ+6T9Zlarj0OxPmIJzZ4pYQwYtAVlt36e+c test@example (RSA)
3072 MD5:fa:e9:bc:8a:33:2d:75:0a:0f:22:53:d0:1e:79:ba:8c test@example (RSA)
