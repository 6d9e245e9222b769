import { Lexer } from "./lexer.ts";
import { Refusal } from "./reader.ts";

const UNARY = /^-[a-hknoprstuvwxzGLNORS]$/;
const BINARY = /^(-(nt|ot|ef|eq|ne|lt|le|gt|ge)|==?|!=)$/;

/** A word, or an operator as it is written. */
type Token = { kind: string; text: string };

/** `[[ ... ]]` (bash 5.2 parse.y, cond_expr to cond_term). Its errors have words of their own. */
export abstract class Condition extends Lexer {
  /** From behind `[[`; the token at hand becomes `]]`. */
  protected condition(): void {
    this.state.last = "[[";
    this.state.inCondition = true;
    const first = this.line();
    const token = this.or();
    if (token.kind !== "]]")
      this.fail(
        this.ended
          ? "unexpected EOF while looking for `]]'"
          : nameless(token)
            ? "syntax error in conditional expression"
            : `syntax error in conditional expression: unexpected token \`${shown(token)}'`,
        first,
      );
    this.state.inCondition = false;
    this.state.kind = "]]";
  }

  private token(): Token {
    const kind = this.tryRead();
    if (kind === null) return { kind: "bad", text: "\ufffd" };
    const plain = kind === "word" || kind === "assignment";
    return { kind: plain ? "word" : kind, text: plain ? this.text : kind };
  }

  private afterLines(): Token {
    let token = this.token();
    while (token.kind === "\n") token = this.token();
    return token;
  }

  private or(): Token {
    let token = this.and();
    while (token.kind === "||") token = this.and();
    return token;
  }

  private and(): Token {
    let token = this.term();
    while (token.kind === "&&") token = this.term();
    return token;
  }

  /** In parentheses: each adds its own complaint to an error within. */
  private within(from: number): Token {
    this.deeper();
    try {
      const token = this.or();
      this.nesting--;
      return token;
    } catch (error) {
      if (error instanceof Refusal && error.after === "skip") this.remark("expected `)'", from);
      throw error;
    }
  }

  /** One test; the token behind it. */
  private term(): Token {
    let token = this.afterLines();
    while (token.text === "!") token = this.afterLines();
    const { kind, text } = token;
    if (kind === "]]") this.fail("");
    if (kind === "(") {
      const from = this.line();
      const close = this.within(from);
      if (close.kind !== ")")
        this.fail(
          nameless(close) ? "expected `)'" : `unexpected token \`${shown(close)}', expected \`)'`,
          from,
        );
      return this.afterLines();
    }
    if (kind !== "word") this.fail(`unexpected token ${named(token)} in conditional command`);
    if (UNARY.test(text)) {
      this.operand(this.token(), "unary");
      return this.afterLines();
    }
    const operator = this.token();
    if (/^(\]\]|&&|\|\||\))$/.test(operator.kind)) return operator;
    const { state } = this;
    if (operator.kind === "word" && operator.text === "=~") state.regex = true;
    else if (operator.kind === "word" && BINARY.test(operator.text))
      state.pattern = !operator.text.startsWith("-");
    else if (operator.kind !== "<" && operator.kind !== ">")
      this.fail(
        nameless(operator)
          ? "conditional binary operator expected"
          : `unexpected token \`${shown(operator)}', conditional binary operator expected`,
      );
    const right = this.token();
    state.regex = state.pattern = false;
    this.operand(right, "binary");
    return this.afterLines();
  }

  private operand(token: Token, arity: "unary" | "binary"): void {
    if (token.kind === "word") return;
    const argument = nameless(token) ? "" : ` \`${shown(token)}'`;
    this.fail(`unexpected argument${argument} to conditional ${arity} operator`);
  }
}

function nameless({ kind }: Token): boolean {
  return kind === "word" || kind === "number" || kind === "{name}" || kind === "bad";
}

function shown({ kind, text }: Token): string {
  return kind === "\n" ? "newline" : text;
}

/** One character is shown as it is; a number before `<` has only that of its token. */
function named(token: Token): string {
  if (token.kind === "{name}") return "283";
  return token.kind === "number" ? "284" : `\`${token.text === "" ? "EOF" : token.text}'`;
}
