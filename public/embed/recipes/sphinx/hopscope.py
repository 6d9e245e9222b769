"""A directive for Sphinx: this file on the path, and in conf.py

    extensions = ["hopscope"]
    hopscope_base = "https://your.host/hopscope"

In a page:

    .. hop-scope::
       :lesson: ambient-outbound
       :step: 2
       :view: terminal journey
       :poster: _static/ambient-outbound-2.svg
       :alt: ...

       curl -s productpage:9080/

Where it is not HTML that is made, the commands and the picture stay.
"""

from html import escape

from docutils import nodes
from docutils.parsers.rst import Directive, directives

ATTRIBUTES = (
    "lesson step world view run at seed theme lang height start label readonly state".split()
)


class HopScope(Directive):
    has_content = True
    option_spec = {
        **{name: directives.unchanged for name in ATTRIBUTES},
        **{name: directives.unchanged for name in ("poster", "alt", "caption")},
    }

    def run(self):
        given = self.options
        base = self.state.document.settings.env.config.hopscope_base.rstrip("/")
        rest = "".join(
            f' {name}="{escape(given[name] or "")}"' for name in ATTRIBUTES if name in given
        )
        text = "\n".join(self.content)
        commands = nodes.literal_block(text, text, language="console")
        made = [nodes.raw("", f"<hop-scope{rest}>", format="html"), commands]
        if "poster" in given:
            image = nodes.image(uri=given["poster"], alt=given.get("alt", ""))
            figure = nodes.figure("", image)
            if "caption" in given:
                figure += nodes.caption("", given["caption"])
            made.append(figure)
        if "lesson" in given:
            address = f"{base}/?lesson={given['lesson']}"
            words = "Open this lesson in Hopscope"
            made.append(nodes.paragraph("", "", nodes.reference("", words, refuri=address)))
        return [*made, nodes.raw("", "</hop-scope>", format="html")]


def setup(app):
    app.add_config_value("hopscope_base", "", "html")
    app.add_directive("hop-scope", HopScope)

    def add(app, config):
        base = config.hopscope_base.rstrip("/")
        app.add_css_file(f"{base}/embed/v1/embed.css")
        app.add_js_file(f"{base}/embed/v1/embed.js", type="module")

    app.connect("config-inited", add)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
