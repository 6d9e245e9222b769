/** A transfer failed: curl's exit code and the words behind it. */
export class CurlError extends Error {
  code: number;
  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}
