4096 SHA256:bTN4imNaODevWgw90G73zVmw+dPFoH5FuOlXN2pmHQY test@example (RSA)
4096 MD5:26:23:7b:cb:e8:6b:0b:4b:5c:51:e7:f7:d9:26:9b:58 test@example (RSA)
