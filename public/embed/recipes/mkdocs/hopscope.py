"""A hook for MkDocs: in mkdocs.yml

    hooks: [hopscope.py]
    extra: {hopscope: "https://your.host/hopscope"}

and in a page a fenced block whose first line's words are the attributes:

    ```hop-scope lesson="ambient-outbound" step="2" view="terminal journey" poster="posters/ambient-outbound-2.svg" alt="…"
    curl -s productpage:9080/
    ```
"""

import re
from html import escape

FENCE = re.compile(r"^```hop-scope([^\n]*)\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
OWN = {"poster", "alt", "caption"}


def markup(words, commands, base):
    given = dict(ATTRIBUTE.findall(words))
    rest = "".join(f' {k}="{escape(v)}"' for k, v in given.items() if k not in OWN)
    lines = [f"<hop-scope{rest}>", f"<pre><code>{escape(commands.strip())}</code></pre>"]
    if "poster" in given:
        caption = given.get("caption")
        words = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
        poster, alt = escape(given["poster"]), escape(given.get("alt", ""))
        lines.append(f'<figure><img src="{poster}" alt="{alt}">{words}</figure>')
    if "lesson" in given:
        address = f"{base}/?lesson={escape(given['lesson'])}"
        lines.append(f'<p><a href="{address}">Open this lesson in Hopscope</a></p>')
    # A blank line within would end the block for Markdown.
    return re.sub(r"\n\s*\n", "\n&#10;", "\n".join(lines)) + "\n</hop-scope>"


def on_page_markdown(markdown, config, **kwargs):
    base = str(config["extra"].get("hopscope", "")).rstrip("/")
    made, count = FENCE.subn(lambda found: markup(found[1], found[2], base), markdown)
    if not count:
        return markdown
    return (
        f'{made}\n\n<link rel="stylesheet" href="{base}/embed/v1/embed.css">\n'
        f'<script type="module" src="{base}/embed/v1/embed.js"></script>\n'
    )
