window.YTD.following.part0 = [
  {
    "following" : {
      "accountId" : "1345461797361504259",
      "userLink" : "https://twitter.com/intent/user?user_id=1345461797361504259"
    }
  },
  {
    "following" : {
      "accountId" : "9000001",
      "userLink" : "https://twitter.com/intent/user?user_id=9000001"
    }
  }
]
