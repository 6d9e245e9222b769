cat > cert.pem <<'X'
-----BEGIN CERTIFICATE-----
MIIBojCCAUegAwIBAgIUTxsnkj/lMVUgjE0cUUCrSy96b/gwCgYIKoZIzj0EAwIw
GDEWMBQGA1UECgwNY2x1c3Rlci5sb2NhbDAeFw0yNjExMjEwNTQ5MzJaFw0yNjEx
MjIwNTQ5MzJaMAAwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARqq1NPGTG4X6JX
7/2RaYzBA2h4caT/pci6/0cTEh2kX9atBE+iFYBxhyxOhrecYwDp8ksXHXKO4+/M
uqnAFt6Wo4GGMIGDMDQGA1UdEQEB/wQqMCiGJnNwaWZmZTovL2NsdXN0ZXIubG9j
YWwvbnMvZGVmYXVsdC9zYS94MAsGA1UdDwQEAwIHgDAdBgNVHQ4EFgQUANXZcK8Q
+VMSliTZtnXAIUyduo4wHwYDVR0jBBgwFoAU1LuuLjVccqUkuEdXmhSzJ/W0WPYw
CgYIKoZIzj0EAwIDSQAwRgIhAJ4OuVLhZW7JU1DD2AsrQ876rKii+HlTIP98f/9S
93m9AiEA0UA5MTwJOJ6/bwlogFzm+/xTyHBi/NlH64AkivKFx5s=
-----END CERTIFICATE-----
X
openssl x509 -in cert.pem -noout -text
openssl x509 -in cert.pem -noout -subject -issuer -dates -serial -fingerprint
openssl x509 -in cert.pem -noout -fingerprint -sha256
openssl x509 -in cert.pem -noout -ext subjectAltName,keyUsage
openssl x509 -noout -enddate -startdate < cert.pem
openssl x509 -in cert.pem -pubkey
echo junk | openssl x509 -noout -text
echo $?
openssl nosuch
echo $?
