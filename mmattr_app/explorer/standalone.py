"""One self-contained HTML file that shows a view and asks nobody for anything."""

import json

from mmattr_app.explorer.messages import message
from mmattr_app.explorer.source import css, html, js
from mmattr_app.explorer.view import View

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>mmattr: which part of the picture made the model say that word?</title>
<style>
body { margin: 0; background: #f2f5f4; }
body.dark { background: #0e1312; }
body > .explorer { max-width: 1240px; margin: 0 auto; padding: 24px 32px; box-sizing: border-box; }
@media (max-width: 720px) { body > .explorer { padding: 14px 16px; } }
%(css)s
</style>
</head>
<body>
%(html)s
<script type="application/json" id="message">%(message)s</script>
<script>
%(js)s
const night = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.body.classList.toggle("dark", night.matches);
night.addEventListener("change", follow);
follow();
window.explorer = mountExplorer(document.body, {});
window.explorer.update(JSON.parse(document.getElementById("message").textContent));
</script>
</body>
</html>
"""


def page(view: View) -> str:
    """Write the page; whatever the model or a person said stands in it as data, never as markup."""
    data = json.dumps(message(view)).replace("<", "\\u003c")
    return PAGE % {"css": css(), "html": html(), "js": js(), "message": data}
