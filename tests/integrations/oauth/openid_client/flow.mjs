// The whole way of an app with openid-client: what it learns is written as JSON.
// Lines go out for the person ("visit <address>") and come in with where they ended.
import * as client from 'openid-client'
import { createInterface } from 'node:readline'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SERVICE_ID, SERVICE_SECRET } = process.env
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const visit = async (address) => {
  console.log(`visit ${address.href}`)
  return (await lines.next()).value
}
const insecure = { execute: [client.allowInsecureRequests] } // http, on this machine

const config = await client.discovery(new URL(ISSUER), CLIENT_ID, undefined,
  CLIENT_SECRET ? client.ClientSecretBasic(CLIENT_SECRET) : client.None(), insecure)
const verifier = client.randomPKCECodeVerifier()
const state = client.randomState()
const nonce = client.randomNonce()
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: REDIRECT_URI,
  scope: 'openid profile email employees:read',
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
})
const back = new URL(await visit(address))
// Checks state, nonce, iss of the answer, and the ID token's signature and claims.
const tokens = await client.authorizationCodeGrant(config, back, {
  pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true,
})
const claims = tokens.claims()
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token)

let introspected = null
if (CLIENT_SECRET) {
  introspected = await client.tokenIntrospection(config, renewed.access_token)
}
await client.tokenRevocation(config, renewed.refresh_token)
let afterRevocation = 'still good'
try {
  await client.fetchUserInfo(config, renewed.access_token, claims.sub)
} catch (error) {
  afterRevocation = error.cause?.[0]?.parameters?.error ?? error.code
}
const leaving = client.buildEndSessionUrl(config, {
  id_token_hint: tokens.id_token, post_logout_redirect_uri: `${REDIRECT_URI}/bye`, state: 'left',
})
const left = await visit(leaving)

let service = null
if (SERVICE_ID) {
  const own = await client.discovery(new URL(ISSUER), SERVICE_ID, undefined,
    client.ClientSecretPost(SERVICE_SECRET), { ...insecure, algorithm: 'oauth2' })
  service = await client.clientCredentialsGrant(own)
}
console.log(`result ${JSON.stringify({
  tokens, claims, userinfo, renewed, introspected, afterRevocation, left, service,
})}`)
process.exit(0)
