256 SHA256:WFB033UdEqdTQ33Ds9/cyuO0hbAsSU4ORDee3x85IL4 test@example (ECDSA-SK)
256 MD5:44:84:cb:1d:a9:90:54:90:ad:9c:50:80:1f:6b:01:cc test@example (ECDSA-SK)
