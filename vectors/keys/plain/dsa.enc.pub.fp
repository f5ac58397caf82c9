1024 SHA256:J6xoS43HrVGfeNQKC3EPsel7d4GS8vSeUzyIJY7mgPU test@example (DSA)
1024 MD5:8d:7a:35:52:38:05:e6:34:59:be:a4:b3:a4:8d:83:e3 test@example (DSA)
