/** What each code of the service means to somebody who looks at the page, and what to do about it. */
export const errorSentences: Readonly<Record<string, string>> = {
  body_empty: "That file is empty. Choose another one.",
  body_malformed: "The server could not make sense of the question. Reload the page and try once more.",
  body_too_large: "That picture is larger than the server takes. A smaller copy of it will do just as well.",
  answer_too_large: "The answer would be larger than the server may send. Ask for fewer pieces.",
  media_type_unsupported: "That is not a kind of picture the server reads. JPEG, PNG, WebP, AVIF, GIF and TIFF are.",
  image_undecodable: "The server cannot read that file as a picture. It may be damaged, or something else by nature.",
  image_too_many_pixels: "That picture has more pixels than the server takes. Scale it down first.",
  option_invalid: "One of the choices beside the picture is not possible here.",
  item_unknown: "The catalog no longer has that piece. Reload the page to see the catalog of today.",
  reference_disabled: "This server does not fetch pictures from elsewhere. Drop the picture itself.",
  reference_not_allowed: "This server may not fetch pictures from that place. Drop the picture itself.",
  reference_not_found: "There is no picture at that place.",
  reference_too_large: "The picture at that place is larger than the server takes.",
  reference_timeout: "The picture at that place took too long to arrive. Try again in a moment.",
  reference_unreachable: "That place cannot be reached at the moment. Try again later.",
  overloaded: "The server has its hands full. Try again in a second.",
  not_ready: "The server is still loading its model and catalog. Try again in a few seconds.",
  shutting_down: "The server is about to stop. Try again once it has been started anew.",
  deadline_exceeded: "That took longer than a request may. Try again; a smaller picture is quicker.",
  spool_failed: "The server has no room left to put the answer together. Try again later.",
  encoder_failed: "The model failed on that picture. Try again; the server's log says more.",
  route_unknown: "The server no longer knows this page's address. Reload the page.",
  method_not_allowed: "The server does not take that kind of question. Reload the page.",
  accept_unsupported: "The server cannot answer in the form this page asks for. Reload the page.",
  reload_running: "Another catalog is being loaded at the moment. Try again in a few seconds.",
  reload_failed: "The new catalog cannot be served; the one before stays in use.",
  internal: "Something unexpected went wrong in the server. Its log says what.",
};

/** What can go wrong before the service has said anything. */
export const ownSentences = {
  unreachable: "The server cannot be reached. Is it still running?",
  unreadable: "The server answered with something this page does not understand. Reload the page.",
  not_a_picture: "That is not a picture. Drop a JPEG, PNG, WebP, AVIF, GIF or TIFF.",
  file_gone: "The browser can no longer read that file. Choose it once more.",
  no_file: "There was no file in that. Drop a picture from a folder, or save it first.",
} as const;

/** The sentence for a code; what a newer server has invented is still said somehow. */
export function sentenceFor(code: string): string {
  const own: Readonly<Record<string, string>> = ownSentences;
  return errorSentences[code] ?? own[code] ?? `The server refused (${code}).`;
}
