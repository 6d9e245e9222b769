/** What the dialog for passing on a link says. */
export const share = {
  title: "Pass it on",
  moment: "This world as it is now",
  momentHint: "With everything that was done in it, and the lesson where it is.",
  step: "This step of the lesson, in a fresh world",
  link: "The link",
  qr: "The link as a QR code",
  long: "With {count} characters it is too long for a QR code that a phone can read.",
  copy: "Copy",
  copied: "Copied",
  close: "Close",
} as const;
