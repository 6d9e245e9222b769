// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell commands
/**
 * What a terminal shows: [what is typed, line by line, what stands there then]. Recorded on Debian 12
 * (bash --norc -i 5.2.15, TERM=dumb, PS1='$ '); lib.sh is "echo in lib\n)\n".
 */
export const typed: readonly (readonly [readonly string[], string])[] = [
  [["f() {\r", "echo in f\r", "}\r", "f\r"], "$ f() {\n> echo in f\n> }\n$ f\nin f\n$ "],
  [["f()\r", "{ echo in f; }; f\r"], "$ f()\n> { echo in f; }; f\nin f\n$ "],
  [
    ["function f\r", "{\r", "echo in f\r", "}; f\r"],
    "$ function f\n> {\n> echo in f\n> }; f\nin f\n$ ",
  ],
  [
    ["for i in 1 2\r", "do echo n$i\r", "done\r"],
    "$ for i in 1 2\n> do echo n$i\n> done\nn1\nn2\n$ ",
  ],
  [["for i in 1 2; do\r", "echo n$i; done\r"], "$ for i in 1 2; do\n> echo n$i; done\nn1\nn2\n$ "],
  [
    ["for\r", "echo rc=$?\r"],
    "$ for\nbash: syntax error near unexpected token `newline'\n$ echo rc=$?\nrc=2\n$ ",
  ],
  [
    ["case\r", "echo rc=$?\r"],
    "$ case\nbash: syntax error near unexpected token `newline'\n$ echo rc=$?\nrc=2\n$ ",
  ],
  [
    ["echo a >\r", "echo rc=$?\r"],
    "$ echo a >\nbash: syntax error near unexpected token `newline'\n$ echo rc=$?\nrc=2\n$ ",
  ],
  [["cat <<E\r", "abc\r", "E\r"], "$ cat <<E\n> abc\n> E\nabc\n$ "],
  [["cat <<E | tr a-z A-Z\r", "abc\r", "E\r"], "$ cat <<E | tr a-z A-Z\n> abc\n> E\nABC\n$ "],
  [
    ["cat <<A; cat <<B\r", "a\r", "A\r", "b\r", "B\r"],
    "$ cat <<A; cat <<B\n> a\n> A\n> b\n> B\na\nb\n$ ",
  ],
  [['echo "open\r', 'close"\r'], '$ echo "open\n> close"\nopen\nclose\n$ '],
  [["echo 'a\r", "b'\r"], "$ echo 'a\n> b'\na\nb\n$ "],
  [["echo $(echo a\r", "echo b)\r"], "$ echo $(echo a\n> echo b)\na b\n$ "],
  [
    ["for i in 1 2\r", "foo\r", "echo rc=$?\r"],
    "$ for i in 1 2\n> foo\nbash: syntax error near unexpected token `foo'\n$ echo rc=$?\nrc=2\n$ ",
  ],
  [
    ["if true\r", "then )\r", "echo rc=$?\r"],
    "$ if true\n> then )\nbash: syntax error near unexpected token `)'\n$ echo rc=$?\nrc=2\n$ ",
  ],
  [
    ["if true\r", "then echo a\r", "else echo b\r", "fi\r"],
    "$ if true\n> then echo a\n> else echo b\n> fi\na\n$ ",
  ],
  [
    ["if true; fi\r", "echo rc=$?\r"],
    "$ if true; fi\nbash: syntax error near unexpected token `fi'\n$ echo rc=$?\nrc=2\n$ ",
  ],
  [
    ["while true; echo; done\r", "echo rc=$?\r"],
    "$ while true; echo; done\nbash: syntax error near unexpected token `done'\n$ echo rc=$?\nrc=2\n$ ",
  ],
  [
    ["while :\r", "done\r", "echo rc=$?\r"],
    "$ while :\n> done\nbash: syntax error near unexpected token `done'\n$ echo rc=$?\nrc=2\n$ ",
  ],
  [["f() {\r", "\u0004"], "$ f() {\n> bash: syntax error: unexpected end of file\nexit\n"],
  [
    ["echo $(ls\r", "\u0004"],
    "$ echo $(ls\n> bash: unexpected EOF while looking for matching `)'\nexit\n",
  ],
  [
    ["cat <<E\r", "abc\r", "\u0004", "echo rc=$?\r"],
    "$ cat <<E\n> abc\n> bash: warning: here-document at line 1 delimited by end-of-file (wanted `E')\nabc\n$ echo rc=$?\nrc=0\n$ ",
  ],
  [
    ["[[ a b ]]\r", "echo rc=$?\r"],
    "$ [[ a b ]]\nbash: conditional binary operator expected\n$ echo rc=$?\nrc=0\n$ ",
  ],
  [
    ["false\r", "[[ a b ]]\r", "echo rc=$?\r"],
    "$ false\n$ [[ a b ]]\nbash: conditional binary operator expected\n$ echo rc=$?\nrc=1\n$ ",
  ],
  [
    ["[[ a == ]]\r"],
    "$ [[ a == ]]\nbash: unexpected argument `]]' to conditional binary operator\n$ ",
  ],
  [["[[ a &&\r", "b ]] && echo y\r"], "$ [[ a &&\n> b ]] && echo y\ny\n$ "],
  [
    ["x=(b;c)\r", "echo rc=$?\r"],
    "$ x=(b;c)\nbash: syntax error near unexpected token `;'\n$ echo rc=$?\nrc=1\n$ ",
  ],
  [["x=(1 2\r", "3)\r", "echo ${x[@]}\r"], "$ x=(1 2\n> 3)\n$ echo ${x[@]}\n1 2 3\n$ "],
  [
    ["echo $(done)\r", "echo rc=$?\r"],
    "$ echo $(done)\nbash: syntax error near unexpected token `done'\n$ echo rc=$?\nrc=2\n$ ",
  ],
  [
    ["echo $(ls; done\r", "echo rc=$?\r"],
    "$ echo $(ls; done\nbash: syntax error near unexpected token `done'\n$ echo rc=$?\nrc=2\n$ ",
  ],
  [
    ["source ./lib.sh\r", "echo rc=$?\r"],
    "$ source ./lib.sh\nin lib\nbash: ./lib.sh: line 2: syntax error near unexpected token `)'\nbash: ./lib.sh: line 2: `)'\n$ echo rc=$?\nrc=2\n$ ",
  ],
  [
    ['eval ")"\r', "echo rc=$?\r"],
    '$ eval ")"\nbash: syntax error near unexpected token `)\'\n$ echo rc=$?\nrc=2\n$ ',
  ],
  [
    ['eval "f() {"\r', "echo rc=$?\r"],
    '$ eval "f() {"\nbash: syntax error: unexpected end of file\n$ echo rc=$?\nrc=2\n$ ',
  ],
  [
    ['eval "cat <<E"\r', "echo rc=$?\r"],
    '$ eval "cat <<E"\nbash: warning: here-document at line 1 delimited by end-of-file (wanted `E\')\n$ echo rc=$?\nrc=0\n$ ',
  ],
  [
    ["echo `done`\r", "echo rc=$?\r"],
    "$ echo `done`\nbash: command substitution: line 1: syntax error near unexpected token `done'\nbash: command substitution: line 1: `done'\n\n$ echo rc=$?\nrc=0\n$ ",
  ],
  [
    ["echo `done\r", "`\r"],
    "$ echo `done\n> `\nbash: command substitution: line 1: syntax error near unexpected token `done'\nbash: command substitution: line 1: `done'\n\n$ ",
  ],
  [["echo a \\\r", "b\r"], "$ echo a \\\n> b\na b\n$ "],
  [["\\\r", "echo a\r"], "$ \\\n> echo a\na\n$ "],
  [["# c (\r", 'echo hi # "\r'], '$ # c (\n$ echo hi # "\nhi\n$ '],
  [["echo a | \r", "cat\r"], "$ echo a | \n> cat\na\n$ "],
  [["echo a &&\r", "echo b\r"], "$ echo a &&\n> echo b\na\nb\n$ "],
  [
    ["echo a; )\r", "echo rc=$?\r"],
    "$ echo a; )\nbash: syntax error near unexpected token `)'\n$ echo rc=$?\nrc=2\n$ ",
  ],
  [["case x in\r", "x) echo hit;;\r", "esac\r"], "$ case x in\n> x) echo hit;;\n> esac\nhit\n$ "],
  [
    ["case x in\r", "x) echo hit;; )\r", "echo rc=$?\r"],
    "$ case x in\n> x) echo hit;; )\nbash: syntax error near unexpected token `)'\n$ echo rc=$?\nrc=2\n$ ",
  ],
  [["(echo a\r", ")\r"], "$ (echo a\n> )\na\n$ "],
  [["(echo a))\r"], "$ (echo a))\nbash: syntax error near unexpected token `)'\n$ "],
  [["((1+\r", "2)) && echo y\r"], "$ ((1+\n> 2)) && echo y\ny\n$ "],
  [
    ["for ((i=0;i<1)); do :; done\r", "echo rc=$?\r"],
    "$ for ((i=0;i<1)); do :; done\nbash: syntax error: arithmetic expression required\nbash: syntax error: `((i=0;i<1))'\n$ echo rc=$?\nrc=2\n$ ",
  ],
  [["{ echo a }\r", "}\r"], "$ { echo a }\n> }\na }\n$ "],
  [['x=`echo "\r', '"`\r', 'echo "[$x]"\r'], '$ x=`echo "\n> "`\n$ echo "[$x]"\n[]\n$ '],
  [
    ['f() { eval ")"; echo x; }; f\r', "echo rc=$?\r"],
    '$ f() { eval ")"; echo x; }; f\nbash: syntax error near unexpected token `)\'\nx\n$ echo rc=$?\nrc=0\n$ ',
  ],
  [
    ['bash -c ")"\r', "echo rc=$?\r"],
    "$ bash -c \")\"\nbash: -c: line 1: syntax error near unexpected token `)'\nbash: -c: line 1: `)'\n$ echo rc=$?\nrc=2\n$ ",
  ],
  [
    ["echo @(a|b)\r", "shopt -s extglob\r", "echo @(a|b)\r"],
    "$ echo @(a|b)\nbash: syntax error near unexpected token `('\n$ shopt -s extglob\n$ echo @(a|b)\n@(a|b)\n$ ",
  ],
  [["echo $-\r"], "$ echo $-\nhimBHs\n$ "],
];
