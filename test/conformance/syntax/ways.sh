# What bash says of a text that it cannot read, in each way to give it one.
mkdir -p /tmp/syntax-ways; cd /tmp/syntax-ways || exit
quoted() { printf '%q' "$1"; }
read_it() {
  text=$(printf "$1x"); text=${text%x}
  printf '%s' "$text" > f.sh
  echo "== $1"
  echo '- file'; bash f.sh; echo "status $?"
  echo '- input'; bash < f.sh; echo "status $?"
  echo '- -c'; bash -c "$text"; echo "status $?"
  echo '- -n'; bash -n f.sh; echo "status $?"
  printf 'echo before\n\nsource ./f.sh\necho after $?\n' > s.sh
  echo '- source'; bash s.sh; echo "status $?"
  printf 'echo before\n\neval %s\necho after $?\n' "$(quoted "$text")" > e.sh
  echo '- eval'; bash e.sh; echo "status $?"
  printf 'f() {\n  eval %s\n}\n\nf; echo after $?\n' "$(quoted "$text")" > e.sh
  echo '- eval in a function'; bash e.sh; echo "status $?"
  printf 'set -e\necho one\nsource ./f.sh\necho after\n' > s.sh
  echo '- set -e'; bash s.sh; echo "status $?"
}
{
  read_it 'echo a\n)\necho b\n'
  read_it 'echo a; )\n'
  read_it 'f() {\n'
  read_it 'for\n'
  read_it 'while true; echo; done\n'
  read_it 'if "a\nb"; then echo; done\n'
  read_it 'echo hi; [[ a b ]]; echo x\necho y\n'
  read_it 'echo a\nx=(b;c)\necho next\n'
  read_it 'x=(1 2\n'
  read_it 'echo one\necho "abc\n'
  read_it 'cat <<E\nabc\n'
  read_it 'echo 1\necho $(done)\necho next\n'
  read_it 'echo $(ls\n'
  read_it 'echo `done`\necho next\n'
  read_it 'for ((i=0;i<1)); do :; done\necho next\n'
  read_it 'trap "echo )" EXIT\necho a\n'
  read_it 'cat <<E\n$(fi)\nE\necho next\n'
  read_it 'echo a\\\n'
  read_it 'exit 3\n)\n'
} 2>&1
rm -r /tmp/syntax-ways
