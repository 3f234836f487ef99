"""How Chinese and English shorten a question that continues another one, as regular expressions.

The words are closed lists, collected by hand from follow-ups over newspaper pages and work reports.
"""

from __future__ import annotations

import re

from index.characters import IDEOGRAPHS

# Provinces and larger cities, which are often written without 市. Names that are words too (东方, 和平) are left out,
# and so are most counties: those are known where their suffix is written.
PLACES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|"
    "贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|郑州|洛阳|平顶山|安阳|鹤壁|新乡|焦作|濮阳|"
    "许昌|漯河|三门峡|南阳|商丘|信阳|周口|驻马店|济源|禹州|长葛|鄢陵|襄城|巩义|荥阳|新密|新郑|登封|偃师|舞钢|汝州|"
    "林州|卫辉|辉县|长垣|沁阳|孟州|义马|灵宝|邓州|永城|项城|石家庄|唐山|秦皇岛|邯郸|邢台|张家口|承德|沧州|廊坊|"
    "衡水|太原|阳泉|长治|晋城|运城|忻州|临汾|吕梁|呼和浩特|包头|鄂尔多斯|沈阳|大连|鞍山|抚顺|丹东|锦州|营口|长春|"
    "哈尔滨|齐齐哈尔|大庆|牡丹江|南京|无锡|徐州|常州|苏州|南通|连云港|淮安|盐城|扬州|镇江|泰州|宿迁|常熟|昆山|"
    "张家港|江阴|宜兴|杭州|宁波|温州|嘉兴|湖州|绍兴|金华|衢州|舟山|台州|丽水|义乌|合肥|芜湖|蚌埠|淮南|马鞍山|淮北|"
    "铜陵|安庆|黄山|滁州|阜阳|宿州|六安|亳州|池州|宣城|福州|厦门|莆田|泉州|漳州|龙岩|宁德|晋江|南昌|景德镇|萍乡|"
    "九江|新余|鹰潭|赣州|吉安|宜春|抚州|上饶|济南|青岛|淄博|枣庄|东营|烟台|潍坊|济宁|泰安|威海|日照|临沂|德州|"
    "聊城|滨州|菏泽|武汉|黄石|十堰|宜昌|襄阳|鄂州|荆门|孝感|荆州|黄冈|咸宁|随州|长沙|株洲|湘潭|衡阳|邵阳|岳阳|"
    "常德|张家界|益阳|郴州|永州|怀化|娄底|广州|深圳|珠海|汕头|佛山|江门|湛江|茂名|肇庆|惠州|东莞|中山|南宁|柳州|"
    "桂林|梧州|北海|海口|三亚|成都|绵阳|德阳|宜宾|南充|贵阳|遵义|昆明|大理|拉萨|西安|宝鸡|咸阳|渭南|延安|兰州|"
    "天水|酒泉|西宁|银川|乌鲁木齐"
)
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴"
    "夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文祖仝牛付"
)
IDEO = f"[{IDEOGRAPHS}]"
YEAR = "(?:(?:19|20)\\d\\d|[一二][〇零一二三四五六七八九]{3}(?=\\s*年))"
PERIOD = "(?:上半年|下半年|全年|年?底|年?末|年?初|度)"
DATE = re.compile(
    f"(?<![\\d.,])(?P<year>{YEAR})(?=\\s*年|[^\\d\\w.,%]|$)(?:\\s*年{PERIOD}?)?(?P<day>\\s*\\d+\\s*月\\s*\\d+\\s*[日号])?"
    r"|(?P<relative>今年|去年|明年|前年|\b(?:this|last|next) year\b)"
)
ENGLISH_DAY = re.compile(r"\b\d+ [A-Z][a-z]+ (?:19|20)\d\d|\b[A-Z][a-z]+ \d{1,2}, (?:19|20)\d\d")
# A suffix makes a place only of a stem that begins at a boundary and is no part of a word (城市, 主板上市, 产业园区).
SUFFIXED = (
    f"(?:(?<!{IDEO})|(?<=[年月日的在对于是到与和市县区镇乡省]))(?:(?!那(?![曲坡])|[年月日的在对于是到与和了全本该各这几])"
    f"{IDEO}){{2,3}}?(?<![城超股上都地社小园辖街全发景灾新老校厂保])[市县区镇乡村省]"
)
PLACE = f"(?:(?:{PLACES})[市省县]?|全省|全国|{SUFFIXED})(?!大学|日报|路)"
# What is named after or belongs to a place has no like in another: 长葛天健食品, 东湖社区, 许昌市委书记史根治.
LOCAL = re.compile(
    "公司|食品的|集团|厂|学校|中学|小学|大学|医院|社区|街道|小区|酒店|高速|(?<![公道铁线思])路|公园|(?<!农)村|[《“「]|"
    f"(?:书记|[市县区镇局院校]长|主任|经理)[{SURNAMES}]{IDEO}{{1,2}}(?!{IDEO}?[谁哪])"
)
VERBS = (
    "参加|出席|主持|负责|开通|举行|召开|开工|竣工|完工|建成|完成|举办|签约|签订|签|发布|发表|公布|开始|结束|提出|"
    "宣布|强调|指出|要求|提到|介绍|讲话|讲|说|做|作|办|建|拍|写|花|投资|增长|增加|减少|下降|多|少|开|参与|获奖|成立|投入|带领"
)
UNIT = (
    "(?:人次|万元|亿元|公里|平方米|个百分点|百分点|块钱|[个项元件名位次起处套条亩吨块号]|人(?![口均民大才数员])|"
    "家(?![庭长具电])|户(?!籍)|天(?!然)|年(?![轻龄])|月|日(?!本))"
)
ASKING = (
    "(?:多少|几|什么时候|什么时间|什么地方|什么原因|为什么|什么|为啥|啥时候|啥|为何|哪里|哪儿|哪些|哪几|哪一|哪|谁|怎么样|"
    "怎么|怎样|如何|何时|何地|多[大高长久远快]|是否|是不是|有没有|能不能|会不会)"
)
INTERROGATIVE = re.compile(f"{ASKING}|[吗吧]$")
RATES = "增长率|增速|增幅|涨幅|降幅|占比|比例|比重|排名|名次|位次"
AMOUNTS = (
    "面积|人口|数量|总量|总数|人数|金额|总额|总投资|投资额|价格|票价|单价|产值|利润|税收|收入|支出|规模|长度|高度|预算|"
    "成本|费用"
)
FACTS = "时间|日期|地点|地址|原因|目的|主题|目标|任务|内容|结果|负责人|主持人|来源"
MEASURE = f"(?:{RATES}|{AMOUNTS}|{FACTS})"
# 那 begins words and names as well: 那曲, 那里, 那个.
LEAD = "(?:那么|那(?![曲坡英拉里儿边些个时年天次场家位份篇座])|至于|还有|换成)[，,\\s]*"
ELLIPSIS = re.compile(
    f"(?:{LEAD})?(?P<what>[^，,；;。]{{1,25}}?)的?呢|{LEAD}(?P<bare>[^，,；;。]{{1,10}})|"
    f"(?P<year>{YEAR}\\s*年{PERIOD}?)"
)
MORE = re.compile(
    f"(?:{LEAD})?(?:还有|还有别的|还有其他的?|除此之外|除了这些)(?:呢|吗|还有什么|还有哪些|还有谁)?"
)
# A question of nothing but question words, measures, verbs that fit anything and particles has no subject.
BARE = re.compile(
    f"(?:{LEAD})?(?:这)?(?:{ASKING}|{VERBS}|{UNIT}|{MEASURE}|同比|环比|比上一?年|比去年|比前年|比{YEAR}年|一共|总共|大概|"
    "一般|分别|具体|然后|后来|的时候|时候|到底|主要|达到|占|又|还|也|共|都|是|有|在|由|能|会|要|了|过|的|呢|吗|呀|啊|人|钱)+"
)
DEFINITION = re.compile("什么(?:是|叫|时候是)")
HEADS = (
    "项目|工程|会议|活动|公司|企业|集团|计划|规划|政策|报告|改革|产业|园区|学校|医院|单位|机构|平台|文件|讲话|培训|"
    "城市|地方|地区|市|县|区|镇|乡|村|省|校|院|局|厂|人(?![口民大才])|负责人|书记|市长"
)
REFERRING = re.compile(
    f"(?:那么?(?=[他她它该其这])|请问|所以|但是?|对于|关于|从|除了|什么时候|为什么|怎么|谁是|{YEAR}年{PERIOD}?|，|\\s)*"
    "(?P<ref>(?:他们|她们|它们|它|他(?![人乡国山汀莫克])|她)|其(?P<among>中)|其(?![他它实余次间乐道中二三一])|"
    f"(?:该|[这那此][一]?[个项次场家位份座些])(?P<head>{HEADS})|前者|后者|上述|这里(?!面)|那里|那儿|那边|当地(?!时间)|"
    "这(?=比|是|占|和|与|跟|意味|说明|为什么|怎么)|这[个些](?=是|的|有|在|比)|同期|当时(?!的)|那时候?|当天)"
)
PLACE_REFERENCE = re.compile(
    "(?:该|这个?|那个?)[市县区镇乡村省]|这个?城市|那个?城市|该城市|这里|那里|那儿|那边|当地|它"
)
CONTINUES = re.compile(
    f"{LEAD}(?:{MEASURE}|(?:{HEADS})(?![民场里委]))(?:的?(?:是|有|叫|在))*{ASKING}.{{0,4}}"
)
QUESTIONING = re.compile(
    f"(?:^谁(?:{VERBS})了?)|(?:是|有|为|达到了?|叫|在|由|共|分别|各)*{ASKING}{UNIT}?|(?:了吧|[吗吧呢了])$"
)
OPPOSITES = (
    ("上半年", "下半年"),
    ("男", "女"),
    ("城镇", "农村"),
    ("城市", "农村"),
    ("上午", "下午"),
    ("国内", "国外"),
    ("进口", "出口"),
    ("供方", "需方"),
)
ENGLISH_LEAD = r"(?:(?:and|but|so|then|ok|well)\b[, ]*)?"
ENGLISH_ELLIPSIS = re.compile(
    rf"{ENGLISH_LEAD}(?:what|how) about (?P<what>.+)|(?:and|but|so|then)\b[, ]*(?P<bare>.+)|"
    rf"(?P<year>(?:in |for )?{YEAR})",
    re.I,
)
ENGLISH_VERB = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|had|will|would|can|could|should)\b",
    re.I,
)
ENGLISH_BARE = re.compile(
    rf"{ENGLISH_LEAD}(?:(?:who|what|which(?: ones?)?|when|where|why|how|how (?:many|much|long|often|so|come)|why not|"
    r"by how much|since when|in (?:what|which) year|what else|who else|"
    r"anything else|what (?:year|day|date|time|happened))"
    r"(?: (?:exactly|then|not|people|money|of them|attended|came|spoke|took part))*)",
    re.I,
)
# "it" of "is it true that", "does it take to" refers to what follows; "there are" refers to nothing.
ENGLISH_REFERRING = re.compile(
    rf"^{ENGLISH_LEAD}(?:(?:who|what|when|where|why|how|how many|how much|how long|which|whose|else|is|are|was|were|"
    r"do|does|did|has|have|had|will|would|can|could|about|of|from|in|with|not|people|year|day|besides|wh\w+'s)\s+)*"
    r"(?P<ref>he|she|him|his|her|they|them|their|its|it(?!(?: \w+)? (?:to|that|for|if)\b)|"
    r"(?:this|that|these|those) (?:project|meeting|company|city|county|event|plan|report|conference|place|person)s?|"
    r"(?:that|this)(?=$| (?:in|on|at|for)\b)|the same)\b"
    r"|^(?:who|what|when|where|why|how)(?: (?-i:[a-z]+)){1,4} (?P<last>him|her|them|it|there)$",
    re.I,
)
ENGLISH_QUESTIONING = re.compile(
    r"^(?:who (?!is|are|was|were|has|had|will)\w+|how many|how much|how long|how|what|which|"
    r"who|whom|whose|when|where|why|in which|in what)\b"
    r"|\b(?:is|are|was|were|do|does|did|has|have|had|will|right)\b",
    re.I,
)
ENGLISH_NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][a-z]+(?: [A-Z][a-z]+)*(?!-)\b")
NO_NAME = re.compile(
    "January|February|March|April|May|June|July|August|September|October|November|December|Party|I"
)
PERSON = re.compile(
    "(?:^|书记|[市县区镇省部厅局院所站校队]长|主任|经理|董事长|教授|老师|记者|主席|秘书长|导师|代表|"
    "[，。：:是由]|[A-Za-z](?= ))\\s*"
    f"(?P<name>[{SURNAMES}]{IDEO}{{1,2}}?)(?=$|[^{IDEOGRAPHS}]|{VERBS}|[作在的等和])"
)
ENGLISH_PERSON = re.compile(r"\b(?!The |Mayor |Vice |Party |Secretary )[A-Z][a-z]+ [A-Z][a-z]+\b")
