// Asks the frontend. User and password stay in this page's memory, and are gone with it.
let authorization = null;

export class NotLoggedIn extends Error {}

export function logIn(user, password) {
  const text = new TextEncoder().encode(`${user}:${password}`);
  authorization = "Basic " + btoa(String.fromCharCode(...text));
}

export function logOut() { authorization = null; }
export const isLoggedIn = () => authorization !== null;

export async function get(path, signal) {
  const headers = { Accept: "application/json", "X-Tabletd-Page": "1" };
  if (authorization) headers.Authorization = authorization;
  const answer = await fetch(path, { headers, signal, cache: "no-store", credentials: "omit", redirect: "error" });
  if (answer.status === 401) throw new NotLoggedIn(await reason(answer, "log in to see this"));
  if (!answer.ok) throw new Error(await reason(answer, `HTTP ${answer.status}`));
  return answer.json();
}

async function reason(answer, otherwise) {
  try {
    return (await answer.json()).error.message;
  } catch {
    return otherwise;
  }
}
