// Gets a token by simple-oauth2, as a partner in Node would, and prints what came: token type, lifetime and token.
const { ClientCredentials } = require("simple-oauth2");

const [gateway, id, secret, place] = process.argv.slice(2);
const client = new ClientCredentials({
  client: { id, secret },
  auth: { tokenHost: gateway, tokenPath: "/oauth/v3/token" },
  options: { authorizationMethod: place },
});

client.getToken({}).then(
  (access) => console.log(JSON.stringify(access.token)),
  (problem) => {
    console.error(problem.message, JSON.stringify(problem.data && problem.data.payload));
    process.exitCode = 1;
  },
);
