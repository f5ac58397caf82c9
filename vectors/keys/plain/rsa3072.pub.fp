3072 SHA256:HigAXQTgLCzcdlKX4W2eGZTjXz+2j2u5I0BwZDRN6zw test@example (RSA)
3072 MD5:8d:07:4e:f0:11:be:ee:67:04:6a:9d:08:cd:df:55:ee test@example (RSA)
