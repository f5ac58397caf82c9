1024 SHA256:Rg1/DxZb/yjstbEyEdHZDYBwCi9fNM0PEzALpZYJAq8 test@example (RSA)
1024 MD5:63:a5:6e:ca:bf:8d:27:cf:7f:d3:e0:a9:0a:7f:fd:97 test@example (RSA)
