declare module "undici/lib/dispatcher/client.js" {
  const Client: typeof import("undici").Client;
  export default Client;
}
