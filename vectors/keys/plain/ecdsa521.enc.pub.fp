521 SHA256:pr9cAlblDJqgUktBMDJX3uMA/B1UDCuXrY76mFunjCg test@example (ECDSA)
521 MD5:b1:f1:73:69:93:fb:cd:70:8c:b6:c7:dc:04:36:1f:43 test@example (ECDSA)
