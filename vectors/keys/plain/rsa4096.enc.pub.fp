4096 SHA256:8sPMlLqohNx/7QrvkQXsNvjrKQw1WRWEOJWSIDO6H9s test@example (RSA)
4096 MD5:e8:b0:3b:10:85:be:52:36:6d:11:0a:e7:49:73:45:44 test@example (RSA)
