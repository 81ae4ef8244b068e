// Passkeys: asks the server a question, lets the device answer it, and goes where the server says then.

const bytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};

const text = (buffer) => {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

async function post(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.redirected || !answer.headers.get("Content-Type")?.includes("json")) {
    location.assign(answer.url); // asked to prove who one is, or to sign in
    return new Promise(() => {});
  }
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail);
  return said;
}

async function make(question) {
  const user = { ...question.user, id: bytes(question.user.id) };
  const excludeCredentials = question.excludeCredentials.map((known) => ({ ...known, id: bytes(known.id) }));
  const publicKey = { ...question, challenge: bytes(question.challenge), user, excludeCredentials };
  const made = await navigator.credentials.create({ publicKey });
  return {
    attestationObject: text(made.response.attestationObject),
    clientDataJSON: text(made.response.clientDataJSON),
    made,
  };
}

async function use(question) {
  const publicKey = { ...question, challenge: bytes(question.challenge), allowCredentials: [] };
  const made = await navigator.credentials.get({ publicKey });
  return {
    authenticatorData: text(made.response.authenticatorData),
    clientDataJSON: text(made.response.clientDataJSON),
    signature: text(made.response.signature),
    userHandle: made.response.userHandle ? text(made.response.userHandle) : null,
    made,
  };
}

async function answer(form) {
  const token = form.elements.csrf_token?.value ?? "";
  const question = await post(form.dataset.question, { csrf_token: token });
  const { made, ...response } = await (form.dataset.passkey === "create" ? make(question) : use(question));
  const credential = { id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} };
  const name = form.elements.name?.value;
  const { next } = await post(form.dataset.answer, { csrf_token: token, credential, name });
  location.assign(next);
}

function sentence(error) {
  if (error.name === "InvalidStateError") return "This device has a passkey for you already.";
  if (error instanceof DOMException) return "Nothing happened: it was cancelled, or took too long. Try again.";
  return error.message || "That did not work. Please try again.";
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  for (const without of document.querySelectorAll("[data-without]")) without.hidden = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector("[data-problem]");
    const button = form.querySelector("button");
    problem.hidden = true;
    button.setAttribute("aria-busy", "true");
    try {
      await answer(form);
    } catch (error) {
      problem.textContent = sentence(error);
      problem.hidden = false;
    }
    button.removeAttribute("aria-busy");
  });
}

export {}; // a module: its names are its own
