4096 SHA256:eu9qqzCEP27asuqlca0D51mIYEAe7tAmgxB76yi4FkA test@example (RSA)
4096 MD5:bf:60:f6:f2:bf:1c:39:dc:a0:88:a6:5a:85:b6:e3:1a test@example (RSA)
