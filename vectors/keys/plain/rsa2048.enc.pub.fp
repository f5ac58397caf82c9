2048 SHA256:bv5xOFupaEgtEIdkZwlg5uJ0G6TGpk4N/vijS9VuWtc test@example (RSA)
2048 MD5:39:79:94:4f:54:5b:1a:ea:7c:cf:e3:a0:b3:ca:3b:08 test@example (RSA)
