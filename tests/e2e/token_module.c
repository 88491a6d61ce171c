/* A PKCS #11 module that is SoftHSM's but for what a test asks: each C_Login is noted in $TOKEN_LOG, and the function that
 * $TOKEN_FAILS names (login or decrypt) answers $TOKEN_ANSWER. */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static CK_FUNCTION_LIST real, ours;

static int fails(const char* function) {
  const char* named = getenv("TOKEN_FAILS");
  return named != NULL && strcmp(named, function) == 0;
}

static CK_RV answer(void) {
  return strtoul(getenv("TOKEN_ANSWER"), NULL, 16);
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR* pin, CK_ULONG size) {
  FILE* log = fopen(getenv("TOKEN_LOG"), "a");
  fprintf(log, "login as %lu\n", user);
  fclose(log);
  return fails("login") ? answer() : real.C_Login(session, user, pin, size);
}

static CK_RV decrypt(CK_SESSION_HANDLE session, CK_BYTE* in, CK_ULONG in_size, CK_BYTE* out, CK_ULONG* out_size) {
  const CK_RV result = real.C_Decrypt(session, in, in_size, out, out_size);
  return fails("decrypt") ? answer() : result;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  void* library = dlopen(getenv("TOKEN_MODULE"), RTLD_NOW);
  CK_C_GetFunctionList get = (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
  CK_FUNCTION_LIST* theirs = NULL;
  CK_RV result = get(&theirs);
  real = ours = *theirs;
  ours.C_Login = login;
  ours.C_Decrypt = decrypt;
  ours.C_GetFunctionList = C_GetFunctionList;
  *list = &ours;
  return result;
}
