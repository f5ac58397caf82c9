256 SHA256:flqv1nKxanQ2o5dA25OQzQ1ksuhyDWu6sFwshcqUk2Y test@example (ED25519)
256 MD5:93:45:56:da:a1:a4:60:39:1a:79:24:e9:1a:75:82:d8 test@example (ED25519)
