/** What productpage answers: short enough to be read in a terminal. */
export function bookinfoPage(): string {
  return `<!DOCTYPE html>
<html>
  <head><title>Simple Bookstore App</title></head>
  <body>
    <h3>Hello! This is a simple bookstore application consisting of three services as shown below</h3>
    <p><a href="/productpage?u=normal">Normal user</a></p>
    <p><a href="/productpage?u=test">Test user</a></p>
  </body>
</html>
`;
}
