"""What code of a hostile model would try: Python expressions that fail in a sealed process.

`{secret}` is a file, `{folder}` its folder, `{elsewhere}` a file that does not exist, `{port}` a
listening port on 127.0.0.1, `{pid}` another process.
"""

ATTEMPTS = {
    "read": "__import__('pathlib').Path({secret!r}).read_text()",
    "list": "__import__('os').listdir({folder!r})",
    "write": "__import__('pathlib').Path({elsewhere!r}).write_text('x')",
    "connect": "__import__('socket').create_connection(('127.0.0.1', {port})).close()",
    "run": "__import__('subprocess').run(['/bin/true'], check=True)",
    "signal": "__import__('os').kill({pid}, 0)",
    "link": "__import__('os').link({secret!r}, 'linked')",
    "environment": "__import__('os').environ['HF_TOKEN']",
}


def attempt(expression: str) -> str:
    """An expression for 1.0 if the expression succeeds, else 0.0."""
    return (
        "(lambda code: exec('try:\\n out = [eval(code)]\\nexcept BaseException:\\n out = []\\n"
        "import builtins; builtins.result = float(bool(out))', {'code': code}) "
        f"or __import__('torch').tensor(__import__('builtins').result))({expression!r})"
    )
