"""What the lab's Asterisk needs for test_auth.py: accounts that prove themselves in every way, and a key."""

KEY = "device"  # name of the key in Asterisk; tools/rsakey.py makes its two files
RSA, RSA_OR_MD5, PLAIN, ANY, OPEN = "proofrsa", "proofboth", "proofplain", "proofany", "proofopen"
ACCOUNTS = {
    RSA: {"auth": "rsa", "inkeys": KEY},
    RSA_OR_MD5: {"auth": "rsa,md5", "inkeys": KEY},
    PLAIN: {"auth": "plaintext"},
    ANY: {"auth": "plaintext,md5"},
    OPEN: {"secret": "", "auth": ""},
}
