"""Addresses that lead inside, in every spelling that some program or other understands."""

INSIDE = (
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1"),
    *("127.255.255.254", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1"),
    *("192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1"),
    *("198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1"),
    *("255.255.255.255", "168.63.129.16"),
    *("::", "::1", "::7f00:1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378::1"),
    *("2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1"),
    *("3fff::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%lo", "fec0::1"),
    *("ff02::1", "ff0e::1", "2606:4700:4700::1111%1"),
)
"""IP addresses as digits; no two are of the same kind or at the same end of it."""

OUTSIDE = (
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
    *("128.0.0.1", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0"),
    *("192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"),
    *("2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450:4001::1", "2400:cb00::1", "2001:200::1"),
    *("2003::1", "3ffe:ffff::1"),
)
"""Public ones, many next to those inside."""

SPELLINGS = (
    *("localhost", "LOCALHOST", "localhost.", "127.1", "127.0.1", "0", "0x7f.1", "0x7f000001", "2130706433"),
    *("017700000001", "0177.0.0.1", "127.000.000.001", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376"),
    *("127。0。0。1", "127．0．0．1", "１２７.０.０.１", "①②⑦.⓪.⓪.①", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "loc\u00adalhost"),
    *("[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]"),
    *("[fe80::1%25lo]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]"),
)
"""Hosts of URLs, which the system itself takes for addresses inside, without asking anybody."""

NOT_OPENED = (
    *("file:///etc/passwd", "ftp://news.example/", "gopher://news.example:70/_x", "data:text/html,x"),
    *("javascript:alert(1)", "dict://news.example:11211/", "ws://news.example/", "unix:/run/docker.sock"),
    *("http+unix://%2Frun%2Fdocker.sock/", "about:blank", "http:", "http://", "http:///x", "https://?", ""),
    *(
        "news.example/feed",
        "http://user@news.example/",
        "http://user:pass@news.example/",
        "http://@news.example/",
    ),
    *("http://127.0.0.1\\@news.example/", "http://news.example\\.inside.example/", "http://news.example:22/"),
    *("http://news.example:0/", "http://news.example:25/", "http://news.example:6379/"),
    *("http://news.example:65536/", "http://news.example:x/", "http://[::1/", "http://::1/"),
    *(
        "http://new s.example/",
        "http://news%2eexample/",
        "http://\ud800.example/",
        "http://news.example/\ud800",
    ),
    *("http://news‥example/", f"http://{'a' * 300}.example/", "http://a\u2488com/"),
)
"""What is refused before anybody is asked where it is."""
