384 SHA256:Fa9jv7qFfWagcXEIeR7SxFsoGVMpEMmPNQ5atMRJVPo test@example (ECDSA)
384 MD5:4b:f0:39:d1:a4:56:8c:ce:01:6d:b7:bb:72:25:26:4f test@example (ECDSA)
